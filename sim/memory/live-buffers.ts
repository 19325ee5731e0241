/** Which buffers the program can still reach: asked of V8's garbage collector, because the interpreter frees a buffer with its last reference. */
import { setFlagsFromString } from "node:v8";
import vm from "node:vm";

let collectGarbage: (() => void) | undefined;

/** Frees what cannot be reached, at once, and lets WeakRefs know. What runs now may still hold what it made. */
function collect(): void {
  if (!collectGarbage) {
    setFlagsFromString("--expose-gc");
    const collector = vm.runInNewContext("gc") as () => void;
    setFlagsFromString("--no-expose-gc");
    // A WeakRef holds its object until the end of the job it was made in; the end of a context's own microtasks counts as one.
    const checkpoint = vm.createContext({}, { microtaskMode: "afterEvaluate" });
    const nothing = new vm.Script("0");
    collectGarbage = () => {
      nothing.runInContext(checkpoint);
      collector();
    };
  }
  collectGarbage();
}

export class LiveBuffers {
  private entries: { readonly reference: WeakRef<object>; readonly variables: number }[] = [];

  add(buffer: object, variables: number): void {
    this.entries.push({ reference: new WeakRef(buffer), variables });
  }

  /** Variables of the buffers that can be reached. Takes some 10 ms unless there are none. */
  variables(): number {
    if (this.entries.length === 0) return 0;
    collect();
    this.entries = this.entries.filter(({ reference }) => reference.deref() !== undefined);
    return this.entries.reduce((sum, { variables }) => sum + variables, 0);
  }

  /** Forgets them: they are counted elsewhere from now on. */
  clear(): void {
    this.entries = [];
  }
}
