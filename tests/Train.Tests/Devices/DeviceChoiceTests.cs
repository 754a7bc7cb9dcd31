using OrtDpo.Runtime.Devices;

namespace OrtDpo.Train.Tests.Devices;

public sealed class DeviceChoiceTests
{
    [Theory]
    [InlineData("cpu", "cpu")]
    [InlineData("cuda", "cuda:0")]
    [InlineData("cuda:0", "cuda:0")]
    [InlineData("cuda:15", "cuda:15")]
    [InlineData("auto", "auto")]
    public void A_device_is_asked_for_by_its_name(string text, string name) => Assert.Equal(name, DeviceChoice.Parse(text).Name);

    [Theory]
    [InlineData("")]
    [InlineData("gpu")]
    [InlineData("CPU")]
    [InlineData("cpu:0")]
    [InlineData("cuda:")]
    [InlineData("cuda:-1")]
    [InlineData("cuda: 1")]
    [InlineData("cuda:1.0")]
    [InlineData("cuda:99999999999")]
    public void Whatever_else_is_refused_with_what_it_may_be(string text)
    {
        Assert.False(DeviceChoice.TryParse(text, out _));
        Assert.Equal(
            $"`Device` is '{text}'; it must be cpu, cuda, cuda:N (the GPU of number N) or auto.",
            Assert.Throws<ArgumentException>(() => DeviceChoice.Parse(text)).Message);
    }

    [Fact]
    public void What_runs_on_the_processor_alone_is_refused_elsewhere_and_auto_says_it()
    {
        const string Reason = "`Optimizer` adamw8bit runs on the processor alone";
        Assert.Equal(
            $"{Reason}, and `Device` is cuda:1. Give one of them up.",
            Assert.Throws<NotSupportedException>(() => DeviceChoice.Cuda(1).Open(threads: 2, Reason)).Message);
        Assert.Equal(new ChosenDevice(Device.Cpu, Reason + "."), DeviceChoice.Auto.Open(threads: 2, Reason));
        Assert.Equal(ChosenDevice.Cpu, DeviceChoice.Cpu.Open(threads: 2, Reason));
    }
}
