/** The pin behind the lamp. */

const PIN = LAMP_PIN;
const OPTIONS = { freq: LAMP_PWM_FREQUENCY };

/** Duty cycle, 0 to 1, of a brightness of 1 to 255: gamma above a lowest level that is visibly on. */
export function dutyCycle(brightness: number): number {
  return LAMP_MIN_LEVEL + (1 - LAMP_MIN_LEVEL) * Math.pow(brightness / 255, LAMP_GAMMA);
}

/** Drives the pin to the level that is safe at boot and reset: off. */
export function driveSafe(): void {
  if (LAMP_PWM) analogWrite(PIN, LAMP_ACTIVE_LOW ? 1 : 0, OPTIONS);
  else digitalWrite(PIN, LAMP_ACTIVE_LOW ? 1 : 0);
}

/** Drives the pin; `level` is a duty cycle of 0 (truly off) to 1. */
export function drive(level: number): void {
  if (LAMP_PWM) analogWrite(PIN, LAMP_ACTIVE_LOW ? 1 - level : level, OPTIONS);
  else digitalWrite(PIN, LAMP_ACTIVE_LOW ? 1 - level : level);
}
