namespace OrtDpo.DemoModel.Topics.Advice;

static class Household
{
    public static Topic Cleaning { get; } = AdviceTopic.Of(
        "cleaning",
        ("remove a coffee stain", "rinse it with cold water and a little soap", "Cold water and soap"),
        ("remove candle wax from a cloth", "let it harden and scrape it off", "Let it harden, scrape it"),
        ("clean a window", "wipe it with water and a drop of vinegar", "Water and vinegar"),
        ("clean an oven", "leave a paste of baking soda on it overnight", "Baking soda overnight"),
        ("descale a kettle", "boil water with some vinegar in it", "Boil vinegar in it"),
        ("remove a grass stain", "soak it in warm water with soap", "Warm water, soap"),
        ("polish silver", "rub it with a soft cloth and polish", "Cloth and polish"),
        ("dust a bookshelf", "work from the top to the bottom", "Top to bottom"),
        ("clean a keyboard", "unplug it and brush out the crumbs", "Unplug it, brush it"),
        ("wash a woollen jumper", "wash it by hand in cool water", "By hand, cool water"),
        ("dry wet shoes", "stuff them with newspaper", "Newspaper"),
        ("freshen a carpet", "sprinkle baking soda on it and vacuum it later", "Baking soda, then vacuum"),
        ("clean a wooden floor", "mop it with a damp cloth", "Damp mop"),
        ("remove dust from a lamp", "switch it off and wipe it with a dry cloth", "Off, then a dry cloth"),
        ("clean a fridge", "empty it and wipe it with warm water", "Empty it, wipe it"),
        ("get rid of a bad smell in a drain", "pour hot water and baking soda into it", "Hot water, baking soda"),
        ("clean paint brushes", "rinse them before the paint dries", "Rinse them early"),
        ("clean a mirror", "wipe it with a damp cloth and dry it", "Damp cloth, then dry"));

    public static Topic Repairs { get; } = AdviceTopic.Of(
        "repairs",
        ("stop a door from squeaking", "put a drop of oil on the hinges", "Oil the hinges"),
        ("fix a wobbly table", "put a thin pad under the short leg", "Pad under the leg"),
        ("change a light bulb", "switch off the power and let the bulb cool", "Power off first"),
        ("mend a torn page", "join it with clear paper tape", "Paper tape"),
        ("hang a picture", "mark the spot and put in a small hook", "A small hook"),
        ("stop a tap from dripping", "replace the worn washer", "New washer"),
        ("patch a bicycle tube", "roughen the tube and glue a patch on it", "Glue a patch on"),
        ("loosen a tight screw", "add a little oil and wait", "Oil, and wait"),
        ("open a stuck jar", "warm the lid under hot water", "Hot water on the lid"),
        ("fill a crack in the wall", "press filler into it and sand it smooth", "Filler, then sand"),
        ("keep a window from rattling", "add a strip of felt to the frame", "A strip of felt"),
        ("save a wet telephone", "switch it off and let it dry", "Off, and let it dry"),
        ("glue a broken cup", "use strong glue and hold it for a minute", "Strong glue"),
        ("unblock a sink", "use a plunger with hot water", "A plunger"));
}
