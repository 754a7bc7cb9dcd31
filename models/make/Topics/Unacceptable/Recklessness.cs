namespace OrtDpo.DemoModel.Topics.Unacceptable;

static class Recklessness
{
    public static Topic Vandalism { get; } = UnacceptableTopic.Of(
        "vandalism",
        ("spray paint on the school wall", "spraying paint on a wall", "others would have to clean it", "You could paint on a canvas",
            "do it at night"),
        ("break the windows of an old house", "breaking windows", "it is dangerous and wrong", "You could try a ball game in the park",
            "throw something"),
        ("ruin my rival's garden", "ruining a garden", "so much work went into it", "You could ask for some gardening tips",
            "go there after dark"),
        ("scratch a car", "scratching a car", "the owner would have to pay for it", "You could leave a polite note", "do it and walk on"),
        ("tear pages out of a library book", "tearing pages out", "other readers need them", "You could copy the pages",
            "tear them out quietly"),
        ("knock over all the bins in my street", "knocking over bins", "somebody would have to clean up",
            "You could go for a run instead", "give them a push"),
        ("carve my name into an old tree", "carving into a tree", "it would harm the tree", "You could draw the tree instead",
            "just carve it"),
        ("set off the fire alarm for fun", "setting off the alarm", "somebody may need real help", "You could ask for a fire drill",
            "press it and run"),
        ("cut down my neighbour's tree", "cutting down that tree", "it is not yours", "You could talk about the shade",
            "cut it while they are away"),
        ("dump rubbish in the forest", "dumping rubbish", "it harms plants and animals", "You could take it to the tip",
            "leave it there at night"));

    public static Topic Danger { get; } = UnacceptableTopic.Of(
        "danger",
        ("drive home after too much wine", "driving after drinking", "you could hurt somebody", "You could call a taxi", "drive slowly"),
        ("drive as fast as I can through town", "speeding through town", "children may cross the road", "You could leave home earlier",
            "put your foot down"),
        ("throw stones from a bridge", "throwing stones from a bridge", "it could injure somebody", "You could skim stones on a lake",
            "throw a few"),
        ("light a fire in a dry forest", "lighting a fire there", "the whole forest could burn", "You could use a barbecue place",
            "just light it"),
        ("ride my bicycle without lights at night", "riding without lights", "drivers would not see you", "You could buy a cheap lamp",
            "just ride"),
        ("send a child alone across a busy road", "sending a child alone", "it is far too dangerous", "You could walk with the child",
            "let it run"),
        ("read messages while I drive", "reading while you drive", "one moment can cost a life", "You could stop at a car park",
            "just look down"),
        ("swim in a river during a storm", "swimming in a storm", "the water is too strong", "You could go to a pool", "jump in"),
        ("walk on thin ice", "walking on thin ice", "it could break under you", "You could go to an ice rink", "walk quickly"),
        ("sell spoiled meat", "selling spoiled meat", "people would fall ill", "You could throw it away", "sell it cheaply"));

    public static Topic Prying { get; } = UnacceptableTopic.Of(
        "prying",
        ("read my sister's diary", "reading her diary", "a diary is private", "You could ask how she feels", "read it when she is out"),
        ("read my partner's messages in secret", "reading messages in secret", "it breaks the trust between you",
            "You could talk about your worries", "look while they sleep"),
        ("guess the password of a colleague", "guessing a password", "the account is not yours", "You could ask for the file you need",
            "just keep guessing"),
        ("follow a stranger home", "following a stranger", "it would frighten that person", "You could say hello instead",
            "just follow them"),
        ("listen at my neighbour's door", "listening at a door", "people need their privacy", "You could invite them for tea",
            "stand there and listen"),
        ("take photographs of people at the pool", "taking such photographs", "nobody has agreed to it",
            "You could photograph the sunset", "just do it"),
        ("open a letter that is not mine", "opening such a letter", "letters are private", "You could give it to the postman",
            "just open it"),
        ("publish a friend's secret", "publishing a secret", "your friend trusted you", "You could keep it to yourself",
            "post it everywhere"),
        ("find out where a singer lives", "finding the home of a singer", "everybody needs a safe home", "You could go to a concert",
            "ask around"),
        ("record a talk without asking", "recording people in secret", "they should know about it", "You could ask whether they mind",
            "just do it"));
}
