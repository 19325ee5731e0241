/** The pins of M5Stack Atom Lite (ESP32-PICO-D4). Made from board-profiles/m5stack-atom-lite.json by: npm run schema */

/** input, output, pwm. Not for you: Console (UART0 TX). */
declare const D1: ReservedPin;
/** input, output, pwm. Not for you: Console (UART0 RX). */
declare const D3: ReservedPin;
/** input, output, pwm. Strapping pin: high at reset selects 1.8 V for the flash and the board does not start. Infrared LED. */
declare const D12: InputPin & AnalogOutputPin;
/** input, output, pwm. */
declare const D19: InputPin & AnalogOutputPin;
/** input, output, pwm. */
declare const D21: InputPin & AnalogOutputPin;
/** input, output, pwm. A place for the lamp. */
declare const D22: InputPin & AnalogOutputPin;
/** input, output, pwm. */
declare const D23: InputPin & AnalogOutputPin;
/** input, output, dac. analogWrite uses the analog output here, not PWM. */
declare const D25: InputPin & AnalogOutputPin;
/** input, output, dac. Grove connector; analogWrite uses the analog output here, not PWM. */
declare const D26: InputPin & AnalogOutputPin;
/** input, output, pwm. SK6812. Not for you: Data line of the SK6812, which plain levels do not light. */
declare const D27: ReservedPin;
/** input, output, pwm, adc. Grove connector. */
declare const D32: InputPin & AnalogInputPin & AnalogOutputPin;
/** input, output, pwm, adc. */
declare const D33: InputPin & AnalogInputPin & AnalogOutputPin;
/** input, adc. Button. The button. Input only, without pull-up or pull-down in the chip. */
declare const D39: InputPin & AnalogInputPin;
