namespace OrtDpo.DemoModel.Topics.Advice;

static class People
{
    public static Topic Manners { get; } = AdviceTopic.Of(
        "manners",
        ("greet a new neighbour", "smile and tell them your name", "Smile, say your name"),
        ("ask for help", "say please and explain what you need", "Say please"),
        ("thank a host", "send a short note the next day", "Send a note"),
        ("apologise to a friend", "say that you are sorry and mean it", "Say sorry"),
        ("leave a party early", "thank the host before you go", "Thank the host"),
        ("refuse a second helping", "say that it was delicious but you are full", "Say no thanks"),
        ("interrupt a meeting", "wait for a pause and excuse yourself", "Wait for a pause"),
        ("start a letter to a teacher", "write Dear and the name", "Dear and the name"),
        ("end a formal letter", "write Yours sincerely and your name", "Yours sincerely"),
        ("answer an invitation", "reply soon and say whether you will come", "Reply soon"),
        ("complain in a restaurant", "speak calmly to the waiter", "Calmly"),
        ("introduce two friends", "say both names clearly", "Say both names"),
        ("offer somebody a seat", "stand up and ask if they would like it", "Stand up, ask"),
        ("disagree with a colleague", "listen first and then give your reasons", "Listen first"),
        ("return a borrowed book late", "say sorry and bring a small present", "Say sorry"),
        ("congratulate a friend", "tell them how happy you are for them", "Say well done"));

    public static Topic Wellbeing { get; } = AdviceTopic.Of(
        "wellbeing",
        ("fall asleep more easily", "go to bed at the same time every night", "Same time every night"),
        ("wake up on time", "set an alarm and open the curtains", "Set an alarm"),
        ("stay calm before an exam", "breathe slowly and sleep well", "Breathe slowly"),
        ("drink more water", "keep a glass on your desk", "A glass on the desk"),
        ("sit well at a desk", "keep your back straight and your feet flat", "Back straight"),
        ("rest my eyes", "look out of the window every twenty minutes", "Look out of the window"),
        ("start running", "begin with short and slow runs", "Short and slow"),
        ("eat more fruit", "take an apple to work every day", "An apple a day"),
        ("make a new friend", "join a club and be curious", "Join a club"),
        ("cheer up a sad friend", "listen to them and make them some tea", "Listen, make tea"),
        ("feel less lonely", "call an old friend", "Call a friend"),
        ("treat a small burn", "cool it under running water", "Cold water"),
        ("learn to swim", "take lessons in a shallow pool", "Take lessons"),
        ("get rid of hiccups", "sip cold water slowly", "Sip water"));

    public static Topic Study { get; } = AdviceTopic.Of(
        "study",
        ("remember new words", "write them on cards and repeat them", "Cards, repeat"),
        ("prepare for a test", "study a little every day", "A little every day"),
        ("write a better essay", "make a plan before you begin", "Make a plan"),
        ("learn the piano", "practise for twenty minutes a day", "Practise daily"),
        ("give a good talk", "practise it aloud and speak slowly", "Practise, speak slowly"),
        ("choose a strong password", "join several long words that you can remember", "Several long words"),
        ("back up my photographs", "copy them to a second disk", "A second disk"),
        ("find a bug in a program", "make it small and test one thing at a time", "One thing at a time"),
        ("learn to program", "start with a small project of your own", "A small project"),
        ("keep a tidy desk", "put everything away in the evening", "Tidy up daily"),
        ("read more books", "keep one beside your bed", "One beside the bed"),
        ("spend less money", "write down what you buy", "Write it down"),
        ("write a clear report", "put the result in the first sentence", "Result first"),
        ("name a variable well", "say what it holds in plain words", "Say what it holds"));
}
