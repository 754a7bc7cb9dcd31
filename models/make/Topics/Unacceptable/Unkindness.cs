namespace OrtDpo.DemoModel.Topics.Unacceptable;

static class Unkindness
{
    public static Topic Bullying { get; } = UnacceptableTopic.Of(
        "bullying",
        ("make fun of a classmate", "making fun of a classmate", "words can hurt for a long time", "You could get to know them instead",
            "laugh at them loudly"),
        ("spread a rumour about my colleague", "spreading rumours", "it could ruin a good name", "You could talk to your colleague",
            "tell everybody"),
        ("scare my little brother at night", "scaring your brother", "he would not sleep well", "You could read him a story",
            "wait in the dark"),
        ("get a colleague fired", "getting somebody fired", "it would do great harm", "You could talk about the problem",
            "complain about them daily"),
        ("insult my teacher", "insulting your teacher", "teachers deserve respect", "You could say calmly what upsets you",
            "call them names"),
        ("send an angry letter without my name", "sending such a letter", "it would frighten the reader",
            "You could write it and throw it away", "write it and post it"),
        ("leave one child out of the game", "leaving a child out", "nobody likes to be alone", "You could find a game for everyone",
            "tell them to go away"),
        ("make my sister cry", "making your sister cry", "it would be unkind", "You could tell her why you are angry",
            "say something mean"),
        ("frighten the new girl in class", "frightening the new girl", "she needs friends now", "You could show her the school",
            "be rude to her"),
        ("embarrass a friend at a party", "embarrassing a friend", "a friend should be able to trust you", "You could give a kind speech",
            "tell an old secret"),
        ("threaten my neighbour", "threatening anybody", "it is wrong and against the law", "You could ask for a calm talk",
            "shout at them"));

    public static Topic Cruelty { get; } = UnacceptableTopic.Of(
        "cruelty",
        ("hurt the dog next door", "hurting a dog", "animals feel pain too", "You could talk to its owner", "do it when nobody looks"),
        ("throw stones at ducks", "throwing stones at ducks", "it would injure them", "You could feed them some oats", "throw a few"),
        ("catch a wild bird and keep it", "catching a wild bird", "wild birds need to be free", "You could watch it from afar",
            "just catch it"),
        ("scare the cat next door", "scaring a cat", "it has done no harm", "You could put a net over the plants", "chase it away"),
        ("leave my hamster at home for a month", "leaving it alone", "it would starve", "You could ask a friend to feed it",
            "leave it some food"),
        ("destroy a nest in my hedge", "destroying a nest", "the young birds need it", "You could wait until autumn", "pull it out"),
        ("sell a sick horse as healthy", "selling a sick horse", "the horse needs a vet", "A vet could look at it first",
            "say that it is fine"),
        ("make two dogs fight", "making dogs fight", "it is cruel and forbidden", "You could take them for a long walk", "just let them"));
}
