/** Scenarios: everything others may use of them. */
export {
  type BuildLamp,
  EXIT_CODES,
  runScenarioCommand,
  type ScenarioCommand,
  type ScenarioOutcome,
} from "./command.ts";
export { StepFailure } from "./context.ts";
export { LiveSteps } from "./live.ts";
export { type PlannedScenario, runScenarios } from "./parallel.ts";
export { parseScenario, type Scenario, ScenarioMistakes } from "./parse.ts";
export { type ReporterName, reporters } from "./reporters.ts";
export { type BuiltLamp, runScenario, type ScenarioResult } from "./run.ts";
export { parseStep, parseStepText, type Step, StepMistake, stepKinds, stepNames } from "./steps.ts";
