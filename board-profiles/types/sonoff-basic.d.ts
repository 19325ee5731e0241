/** The pins of Sonoff Basic (ESP8266, 1 MB). Made from board-profiles/sonoff-basic.json by: npm run schema */

/** input, output, pwm. Button. Strapping pin: low at reset starts the download mode. The button. */
declare const D0: InputPin & AnalogOutputPin;
/** input, output, pwm. Not for you: Console (UART0 TX). */
declare const D1: ReservedPin;
/** input, output, pwm. Not for you: Console (UART0 RX). */
declare const D3: ReservedPin;
/** input, output. Relay. The relay; a relay is no dimmer, so there is no PWM here. */
declare const D12: InputPin & OutputPin;
/** input, output, pwm. LED. Green or blue LED. */
declare const D13: InputPin & AnalogOutputPin;
/** input, output, pwm. Free, on the header of the first boards (R1). */
declare const D14: InputPin & AnalogOutputPin;
