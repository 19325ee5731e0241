/** Press and hold: by mouse, finger, pen, Space or Enter. */

/**
 * Calls `hold(true)` when something is pressed on `element` that `wanted` accepts, and `hold(false)` when it is let go, wherever that is. A page that loses
 * the focus lets go too.
 */
export function pressAndHold(
  element: HTMLElement,
  hold: (down: boolean) => void,
  wanted: (target: Element) => boolean = () => true,
): void {
  let by: "pointer" | "key" | undefined;
  const press = (how: "pointer" | "key"): void => {
    if (by === undefined) hold(true);
    by = how;
  };
  const release = (): void => {
    if (by !== undefined) hold(false);
    by = undefined;
  };
  element.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || !(event.target instanceof Element) || !wanted(event.target)) return;
    // The release is told of even when it happens elsewhere.
    element.setPointerCapture(event.pointerId);
    press("pointer");
  });
  for (const name of ["pointerup", "pointercancel", "lostpointercapture"] as const)
    element.addEventListener(name, release);
  // A long touch opens no menu.
  element.addEventListener("contextmenu", (event) => {
    if (by !== undefined) event.preventDefault();
  });
  if (!(element instanceof HTMLButtonElement)) return;
  const isPress = ({ key }: KeyboardEvent): boolean => key === " " || key === "Enter";
  element.addEventListener("keydown", (event) => {
    if (!isPress(event)) return;
    event.preventDefault();
    if (!event.repeat) press("key");
  });
  element.addEventListener("keyup", (event) => {
    if (isPress(event)) release();
  });
  element.addEventListener("blur", release);
}
