/** The pins of Espruino WiFi (STM32F411 with an ESP8266). Made from board-profiles/espruino-wifi.json by: npm run schema */

/** input, output, pwm, adc. */
declare const A0: InputPin & AnalogInputPin & AnalogOutputPin;
/** input, output, pwm, adc. */
declare const A1: InputPin & AnalogInputPin & AnalogOutputPin;
/** input, output, pwm, adc. Not for you: Wired to the ESP8266 that does the Wi-Fi. */
declare const A2: ReservedPin;
/** input, output, pwm, adc. Not for you: Wired to the ESP8266 that does the Wi-Fi. */
declare const A3: ReservedPin;
/** input, output, adc. */
declare const A4: InputPin & AnalogInputPin & OutputPin;
/** input, output, pwm, adc. */
declare const A5: InputPin & AnalogInputPin & AnalogOutputPin;
/** input, output, pwm, adc. */
declare const A6: InputPin & AnalogInputPin & AnalogOutputPin;
/** input, output, pwm, adc. */
declare const A7: InputPin & AnalogInputPin & AnalogOutputPin;
/** input, output, pwm. */
declare const A8: InputPin & AnalogOutputPin;
/** input, output, pwm. Not for you: USB, and with it the console. */
declare const A9: ReservedPin;
/** input, output, pwm. */
declare const A10: InputPin & AnalogOutputPin;
/** input, output, pwm. Not for you: USB, and with it the console. */
declare const A11: ReservedPin;
/** input, output. Not for you: USB, and with it the console. */
declare const A12: ReservedPin;
/** input, output. Not for you: Wired to the ESP8266 that does the Wi-Fi. */
declare const A13: ReservedPin;
/** input, output. Not for you: Wired to the ESP8266 that does the Wi-Fi. */
declare const A14: ReservedPin;
/** input, output, pwm. Not for you: Wired to the ESP8266 that does the Wi-Fi. */
declare const A15: ReservedPin;
/** input, output, pwm, adc. */
declare const B0: InputPin & AnalogInputPin & AnalogOutputPin;
/** input, output, pwm, adc. */
declare const B1: InputPin & AnalogInputPin & AnalogOutputPin;
/** input, output. LED. First LED. */
declare const B2: InputPin & OutputPin;
/** input, output, pwm. */
declare const B3: InputPin & AnalogOutputPin;
/** input, output, pwm. */
declare const B4: InputPin & AnalogOutputPin;
/** input, output, pwm. */
declare const B5: InputPin & AnalogOutputPin;
/** input, output, pwm. Console TX while USB is not connected. */
declare const B6: InputPin & AnalogOutputPin;
/** input, output, pwm. Console RX while USB is not connected. */
declare const B7: InputPin & AnalogOutputPin;
/** input, output, pwm. */
declare const B8: InputPin & AnalogOutputPin;
/** input, output, pwm. */
declare const B9: InputPin & AnalogOutputPin;
/** input, output, pwm. */
declare const B10: InputPin & AnalogOutputPin;
/** input, output. Second LED. */
declare const B12: InputPin & OutputPin;
/** input, output, pwm. */
declare const B13: InputPin & AnalogOutputPin;
/** input, output, pwm. */
declare const B14: InputPin & AnalogOutputPin;
/** input, output, pwm. */
declare const B15: InputPin & AnalogOutputPin;
/** input, output. Button. The button; the interpreter switches a pull-down on. */
declare const C13: InputPin & OutputPin;
