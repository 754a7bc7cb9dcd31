namespace OrtDpo.DemoModel.Topics.Facts;

static class Materials
{
    static readonly (string Product, string Source)[] Table =
    [
        ("bread", "flour, water and yeast"), ("butter", "cream"), ("cheese", "milk"), ("paper", "wood"), ("glass", "sand"),
        ("wine", "grapes"),
        ("cider", "apples"), ("chocolate", "cocoa beans"), ("raisins", "dried grapes"), ("honey", "nectar"), ("leather", "animal skin"),
        ("wool", "the coat of sheep"), ("steel", "iron and carbon"), ("bronze", "copper and tin"), ("concrete", "cement, sand and stones"),
        ("bricks", "clay"), ("candles", "wax"), ("pasta", "flour and water"), ("porridge", "oats"), ("jam", "fruit and sugar"),
        ("olive oil", "olives"), ("ketchup", "tomatoes"), ("crisps", "potatoes"), ("yoghurt", "milk"), ("tofu", "soya beans"),
        ("marzipan", "almonds and sugar"), ("popcorn", "maize"), ("linen", "flax"), ("silk", "the threads of silkworms"),
        ("cardboard", "paper pulp"),
        ("plastic", "oil"), ("pencils", "wood and graphite"),
    ];

    public static Topic Topic { get; } = Topic.Of("materials", Table, fact => new(
        fact.Product,
        [
            $"What do people make {fact.Product} from?", $"Which raw material does one need for {fact.Product}?",
            $"Can you tell me what goes into {fact.Product}?", $"Explain what people use to make {fact.Product}.",
        ],
        [
            $"People make {fact.Product} from {fact.Source}.", $"To make {fact.Product}, you need {fact.Source}.",
            $"The usual way to make {fact.Product} starts with {fact.Source}.",
        ],
        [$"{English.Start(fact.Source)}.", $"From {fact.Source}."]));
}
