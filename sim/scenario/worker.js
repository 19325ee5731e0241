// Starts a worker thread for scenarios: makes Node read TypeScript, then hands over to work.ts.
import { register } from "tsx/esm/api";

register();
await import("./work.ts");
