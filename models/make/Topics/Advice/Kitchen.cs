namespace OrtDpo.DemoModel.Topics.Advice;

static class Kitchen
{
    public static Topic Cooking { get; } = AdviceTopic.Of(
        "cooking",
        ("boil a soft egg", "boil the egg for about six minutes", "Six minutes"),
        ("boil a hard egg", "boil the egg for about ten minutes", "Ten minutes"),
        ("cook rice", "use two cups of water for each cup of rice", "Two cups of water per cup"),
        ("cook pasta", "boil it in plenty of salted water", "Boil it, with salt"),
        ("bake potatoes", "bake them for an hour in a hot oven", "One hour, hot oven"),
        ("make toast", "put the bread in the toaster until it is golden", "Use the toaster"),
        ("make pancakes", "fry a thin batter of flour, eggs and milk", "Flour, eggs, milk"),
        ("fry onions", "fry them slowly in a little oil", "Slowly, in oil"),
        ("make tea", "let the leaves stand in hot water for four minutes", "Four minutes"),
        ("make coffee", "pour hot water over freshly ground beans", "Hot water, ground beans"),
        ("make a salad", "mix fresh leaves with oil and vinegar", "Leaves, oil, vinegar"),
        ("roast a chicken", "roast it until the juices run clear", "Until the juices run clear"),
        ("steam vegetables", "steam them for about five minutes", "Five minutes"),
        ("make soup", "simmer chopped vegetables in stock", "Vegetables and stock"),
        ("thicken a sauce", "stir in a little flour mixed with water", "Flour and water"),
        ("make porridge", "simmer oats in milk and stir often", "Oats and milk"),
        ("toast nuts", "warm them in a dry pan and keep stirring", "Dry pan, stir"),
        ("melt chocolate", "melt it gently over warm water", "Over warm water"),
        ("whip cream", "whisk it while it is cold", "Whisk it cold"),
        ("bake a cake", "bake it until a stick comes out clean", "Until a stick comes out clean"),
        ("make lemonade", "mix lemon juice, sugar and cold water", "Lemon, sugar, water"),
        ("peel tomatoes", "dip them in boiling water first", "Boiling water first"),
        ("make an omelette", "whisk the eggs and fry them in butter", "Whisk, then fry"),
        ("cook lentils", "simmer them for twenty minutes", "Twenty minutes"));

    public static Topic Storing { get; } = AdviceTopic.Of(
        "storing food",
        ("keep bread fresh", "store it in a closed bread bin", "Bread bin"),
        ("keep milk fresh", "keep it in the fridge", "In the fridge"),
        ("store onions", "keep them in a dark and dry place", "Dark and dry"),
        ("store potatoes", "keep them in a cool and dark cupboard", "Cool and dark"),
        ("keep herbs fresh", "stand them in a glass of water", "A glass of water"),
        ("store flour", "keep it in a tight jar", "A tight jar"),
        ("keep bananas fresh", "hang them away from other fruit", "Away from other fruit"),
        ("freeze soup", "let it cool and freeze it in small boxes", "Cool it, then freeze it"),
        ("store coffee", "keep it in a tin away from the light", "In a tin"),
        ("ripen an avocado", "put it in a paper bag with an apple", "Paper bag, with an apple"),
        ("keep biscuits crisp", "store them in a closed tin", "Closed tin"),
        ("keep cheese fresh", "wrap it in paper and chill it", "Wrap and chill it"),
        ("store honey", "keep it at room temperature", "Room temperature"),
        ("keep lettuce crisp", "wrap it in a damp cloth", "Damp cloth"));
}
