/** The page: what its reader sees and does. The model is in the worker. */

import { Chart } from "./chart.js";
import { numbers } from "./downloads.js";
import { PairList } from "./pairlist.js";
import { Questions } from "./questions.js";
import { WorkerLine } from "./workerline.js";

const at = (id) => document.getElementById(id);
const line = new WorkerLine(new Worker(new URL("./worker.js", import.meta.url), { type: "module" }));
const lossChart = new Chart(at("loss-chart"), "Loss");
const marginChart = new Chart(at("margin-chart"), "Reward margin");

let settings;
let manifest;
let pairs;
let questions;
let steps = [];
let isTraining = false;
// Pairs a step as asked for, which there may not be yet.
let wantedBatch;

line.on("loading", ({ done, total }) => {
  const megabytes = (bytes) => (bytes / 1e6).toFixed(1);
  at("loading").textContent = total > done
    ? `Loading ${megabytes(done)} of ${megabytes(total)} MB.`
    : `Loaded ${megabytes(done)} MB. The model starts.`;
});
line.on("step", (step) => {
  step.margins = step.chosen.map((reward, i) => reward - step.rejected[i]);
  steps.push(step);
  showSteps();
  pairs.showMargins(step.ids, step.margins);
});

try {
  const opened = await line.ask("open");
  ({ settings, manifest } = opened);
  pairs = new PairList(at("pairs"), settings.frame, (pair) => line.ask("encode", { pair }), sendPairs);
  questions = new Questions(line, settings);
  await show(opened);
} catch (error) {
  at("loading").hidden = true;
  tell(error);
}

async function show({ threads }) {
  document.title = `${settings.name}: preference tuning in the browser`;
  const count = (some) => some.reduce((sum, { shape }) => sum + shape.reduce((product, dim) => product * dim, 1), 0);
  const all = manifest.parameters;
  const trained = all.filter(({ trains }) => trains);
  const facts = [
    ["Model", `${settings.name}, ${short(count(all.filter(({ name }) => !name.includes(".lora_"))))} parameters`],
    ["Trains", manifest.lora === null ? "all of them" : `LoRA of rank ${manifest.lora.r}, ${short(count(trained))} parameters`],
    ["Loss", manifest.loss === "sigmoid" ? "sigmoid (DPO)" : manifest.loss],
    ["Runs", `here, in WebAssembly, ${threads} thread${threads === 1 ? "" : "s"}`],
  ];
  at("facts").replaceChildren(...facts.map(([name, value]) => {
    const [box, dt, dd] = ["div", "dt", "dd"].map((tag) => document.createElement(tag));
    dt.textContent = name;
    dd.textContent = value;
    box.append(dt, dd);
    return box;
  }));
  at("steps").value = settings.steps;
  nameStart();
  at("rate").value = settings.learning_rate;
  wantedBatch = settings.pairs_per_step;
  at("beta-field").hidden = at("beta").disabled = manifest.scalars.beta === undefined;
  at("beta").value = manifest.scalars.beta ?? "";
  at("save").textContent = manifest.lora === null ? "Download checkpoint" : "Download adapter";
  at("hint").textContent = manifest.lora === null
    ? "The checkpoint becomes a model folder: "
    : "The adapter is PEFT's; unzip it to put it on the model: ";
  at("hint").append(commandOf(manifest.lora === null
    ? ["ortdpo import", "--checkpoint checkpoint", "--model MODEL", "--out DIR"]
    : ["ortdpo generate", "--model MODEL", "--adapter DIR", "--prompt TEXT"]));
  at("margin-chart").hidden = !manifest.training.outputs.some(({ name }) => name === "chosen_reward");
  pairs.show(settings.pairs);
  await sendPairs();
  at("loading").hidden = true;
  at("facts").hidden = at("main").hidden = false;
  showSteps();
}

at("steps").addEventListener("input", nameStart);
at("batch").addEventListener("input", () => {
  wantedBatch = at("batch").valueAsNumber || wantedBatch;
});
at("train").addEventListener("submit", (event) => {
  event.preventDefault();
  void tryTo(async () => {
    setTraining(true);
    try {
      const { beta: _, ...others } = manifest.scalars;
      await line.ask("train", {
        steps: at("steps").valueAsNumber,
        pairsPerStep: at("batch").valueAsNumber,
        learningRate: at("rate").valueAsNumber,
        scalars: manifest.scalars.beta === undefined ? others : { ...others, beta: at("beta").valueAsNumber },
      });
    } finally {
      setTraining(false);
    }

    await questions.askNow(steps.length);
  });
});
at("stop").addEventListener("click", () => void tryTo(() => line.ask("stop")));
at("again").addEventListener("click", () => void tryTo(async () => {
  at("again").disabled = true;
  await line.ask("startAgain");
  steps = [];
  pairs.forgetMargins();
  showSteps();
  await questions.askNow(0);
}));
at("ask").addEventListener("submit", (event) => {
  event.preventDefault();
  void tryTo(async () => {
    at("asks").disabled = true;
    try {
      await questions.askBoth(at("question").value, steps.length);
    } finally {
      at("asks").disabled = false;
    }
  });
});
at("add").addEventListener("click", () => pairs.add());
at("save").addEventListener("click", () => void tryTo(async () => {
  const { name, bytes } = await line.ask("save");
  download(name, bytes, "application/octet-stream");
}));
at("numbers").addEventListener("click", () => {
  const json = JSON.stringify(numbers(settings, manifest, steps, pairs.texts()), null, 2);
  download("numbers.json", `${json}\n`, "application/json");
});

async function sendPairs() {
  const known = pairs.known();
  at("pair-count").textContent = known.length === 1 ? "1 pair" : `${known.length} pairs`;
  at("batch").max = Math.max(1, known.length);
  at("batch").value = Math.min(wantedBatch, at("batch").max);
  at("start").disabled = isTraining || known.length === 0;
  await line.ask("pairs", { pairs: known });
}

function nameStart() {
  const steps = at("steps").valueAsNumber;
  at("start").textContent = steps > 0 ? `Train ${steps} step${steps === 1 ? "" : "s"}` : "Train";
}

function setTraining(trains) {
  isTraining = trains;
  at("start").disabled = trains || pairs.known().length === 0;
  at("stop").disabled = !trains;
  at("again").disabled = trains || steps.length === 0;
  for (const id of ["steps", "rate", "beta", "batch"]) {
    at(id).readOnly = trains;
  }
}

function showSteps() {
  const margins = steps.filter(({ margins }) => margins.length > 0).map((step) => ({ x: step.step, y: mean(step.margins) }));
  lossChart.show(steps.map((step) => ({ x: step.step, y: step.loss })));
  marginChart.show(margins);
  at("loss-now").textContent = steps.at(-1)?.loss.toFixed(4) ?? "";
  at("margin-now").textContent = margins.at(-1)?.y.toFixed(4) ?? "";
  at("status").textContent = inWords();
  at("again").disabled = isTraining || steps.length === 0;
}

function inWords() {
  const last = steps.at(-1);
  if (last === undefined) {
    return "No step yet.";
  }

  if (last.skipped) {
    return `Step ${last.step + 1} was skipped: its numbers are not finite. A smaller learning rate helps.`;
  }

  const recent = steps.slice(-10);
  const rate = recent.length / recent.reduce((sum, { seconds }) => sum + seconds, 0);
  const right = last.margins.filter((margin) => margin > 0).length;
  const preferred = last.margins.length === 0 ? "" : `, ${right} of ${last.margins.length} pairs right`;
  return `Step ${last.step}, ${rate.toPrecision(2)} steps/s${preferred}.`;
}

// A command that breaks between its options alone.
function commandOf(parts) {
  const code = document.createElement("code");
  code.append(...parts.flatMap((part) => {
    const whole = document.createElement("span");
    whole.textContent = part;
    return [whole, " "];
  }));
  return code;
}

async function tryTo(work) {
  at("fault").hidden = true;
  try {
    await work();
  } catch (error) {
    tell(error);
  }
}

function tell(error) {
  at("fault").textContent = error.message;
  at("fault").hidden = false;
}

function download(name, content, type) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([content], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

function short(count) {
  const [size, unit] = count >= 1e9 ? [1e9, " G"] : count >= 1e6 ? [1e6, " M"] : count >= 1e4 ? [1e3, " k"] : [1, ""];
  return `${size === 1 ? count : (count / size).toPrecision(3)}${unit}`;
}

function mean(values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
