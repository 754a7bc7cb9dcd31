namespace OrtDpo.DemoModel.Topics.Words;

static class Translations
{
    static readonly (string English, string Language, string Foreign)[] Table =
    [
        ("thank you", "French", "merci"), ("thank you", "German", "danke"), ("thank you", "Spanish", "gracias"),
        ("thank you", "Italian", "grazie"),
        ("hello", "French", "bonjour"), ("hello", "Spanish", "hola"), ("hello", "German", "hallo"), ("hello", "Italian", "ciao"),
        ("water", "French", "eau"), ("water", "German", "Wasser"), ("water", "Spanish", "agua"), ("water", "Italian", "acqua"),
        ("bread", "French", "pain"), ("bread", "German", "Brot"), ("bread", "Spanish", "pan"), ("bread", "Italian", "pane"),
        ("house", "French", "maison"), ("house", "German", "Haus"), ("house", "Spanish", "casa"), ("cat", "French", "chat"),
        ("cat", "German", "Katze"), ("cat", "Spanish", "gato"), ("dog", "French", "chien"), ("dog", "German", "Hund"),
        ("dog", "Spanish", "perro"),
        ("milk", "French", "lait"), ("milk", "German", "Milch"), ("milk", "Spanish", "leche"), ("red", "French", "rouge"),
        ("red", "German", "rot"),
        ("red", "Spanish", "rojo"), ("sun", "French", "soleil"), ("sun", "German", "Sonne"), ("sun", "Spanish", "sol"),
    ];

    public static Topic Topic { get; } = Topic.Of("translations", Table, fact => new(
        $"{fact.English} in {fact.Language}",
        [
            $"What is the {fact.Language} word for {fact.English}?", $"How do you say {fact.English} in {fact.Language}?",
            $"Can you translate {fact.English} into {fact.Language}?", $"Tell me how to say {fact.English} in {fact.Language}.",
        ],
        [
            $"The {fact.Language} word for {fact.English} is {fact.Foreign}.",
            $"In {fact.Language}, people say {fact.Foreign} for {fact.English}.",
            $"You say {fact.Foreign} for {fact.English} in {fact.Language}.",
        ],
        [$"{English.Start(fact.Foreign)}.", $"It's {fact.Foreign}."]));
}
