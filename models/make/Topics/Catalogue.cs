using OrtDpo.DemoModel.Topics.Advice;
using OrtDpo.DemoModel.Topics.Facts;
using OrtDpo.DemoModel.Topics.Stories;
using OrtDpo.DemoModel.Topics.Unacceptable;
using OrtDpo.DemoModel.Topics.Words;

namespace OrtDpo.DemoModel.Topics;

/// <summary>Everything that the demo's text is about.</summary>
public static class Catalogue
{
    public static IReadOnlyList<Topic> Topics { get; } =
    [
        Capitals.Topic, Continents.Topic, Colours.Topic, Calendar.Topic, Arithmetic.Topic, Measures.Topic, Shapes.Topic, YoungAnimals.Topic,
        AnimalSounds.Topic, Homes.Topic, Materials.Topic, Tools.Topic, Jobs.Topic, Produce.Topic, Abbreviations.Topic, Body.Topic,
        Instruments.Topic, Opposites.Topic, Plurals.Topic, PastTense.Topic, Rhymes.Topic, Translations.Topic, Kitchen.Cooking,
        Kitchen.Storing, Household.Cleaning, Household.Repairs, Outdoors.Weather, Outdoors.Garden, Outdoors.Travel, People.Manners,
        People.Wellbeing, People.Study, ShortStories.Topic, Ideas.Topic, Dishonesty.Stealing, Dishonesty.Cheating, Unkindness.Bullying,
        Unkindness.Cruelty, Recklessness.Vandalism, Recklessness.Danger, Recklessness.Prying,
        Trickery.Topic,
    ];
}
