/** The pins of Espruino on a PC or Raspberry Pi. Made from board-profiles/linux.json by: npm run schema */

/** input, output, pwm. */
declare const D0: InputPin & AnalogOutputPin;
/** input, output, pwm. */
declare const D1: InputPin & AnalogOutputPin;
/** input, output, pwm. LED. */
declare const D2: InputPin & AnalogOutputPin;
/** input, output, pwm. */
declare const D3: InputPin & AnalogOutputPin;
/** input, output, pwm. */
declare const D4: InputPin & AnalogOutputPin;
/** input, output, pwm. */
declare const D5: InputPin & AnalogOutputPin;
/** input, output, pwm. */
declare const D6: InputPin & AnalogOutputPin;
/** input, output, pwm. */
declare const D7: InputPin & AnalogOutputPin;
/** input, output, pwm. */
declare const D8: InputPin & AnalogOutputPin;
/** input, output, pwm. */
declare const D9: InputPin & AnalogOutputPin;
/** input, output, pwm. */
declare const D10: InputPin & AnalogOutputPin;
/** input, output, pwm. */
declare const D11: InputPin & AnalogOutputPin;
/** input, output, pwm. */
declare const D12: InputPin & AnalogOutputPin;
/** input, output, pwm. */
declare const D13: InputPin & AnalogOutputPin;
/** input, output, pwm. */
declare const D14: InputPin & AnalogOutputPin;
/** input, output, pwm. */
declare const D15: InputPin & AnalogOutputPin;
/** input, output, pwm. */
declare const D16: InputPin & AnalogOutputPin;
/** input, output, pwm. */
declare const D17: InputPin & AnalogOutputPin;
/** input, output, pwm. */
declare const D18: InputPin & AnalogOutputPin;
/** input, output, pwm. */
declare const D19: InputPin & AnalogOutputPin;
/** input, output, pwm. */
declare const D20: InputPin & AnalogOutputPin;
/** input, output, pwm. */
declare const D21: InputPin & AnalogOutputPin;
/** input, output, pwm. */
declare const D22: InputPin & AnalogOutputPin;
/** input, output, pwm. */
declare const D23: InputPin & AnalogOutputPin;
/** input, output, pwm. */
declare const D24: InputPin & AnalogOutputPin;
/** input, output, pwm. */
declare const D25: InputPin & AnalogOutputPin;
/** input, output, pwm. */
declare const D26: InputPin & AnalogOutputPin;
/** input, output, pwm. */
declare const D27: InputPin & AnalogOutputPin;
/** input, output, pwm. */
declare const D28: InputPin & AnalogOutputPin;
/** input, output, pwm. */
declare const D29: InputPin & AnalogOutputPin;
/** input, output, pwm. */
declare const D30: InputPin & AnalogOutputPin;
/** input, output, pwm. */
declare const D31: InputPin & AnalogOutputPin;
