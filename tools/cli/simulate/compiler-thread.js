// Starts the compilers' thread: makes Node read TypeScript, then hands over to compile-requests.ts.
import { register } from "tsx/esm/api";

register();
await import("./compile-requests.ts");
