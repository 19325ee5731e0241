/** The pins of ESP32-C3 SuperMini. Made from board-profiles/esp32-c3-supermini.json by: npm run schema */

/** input, output, pwm, adc. */
declare const D0: InputPin & AnalogInputPin & AnalogOutputPin;
/** input, output, pwm, adc. */
declare const D1: InputPin & AnalogInputPin & AnalogOutputPin;
/** input, output, pwm, adc. Strapping pin: must be high at reset. */
declare const D2: InputPin & AnalogInputPin & AnalogOutputPin;
/** input, output, pwm, adc. */
declare const D3: InputPin & AnalogInputPin & AnalogOutputPin;
/** input, output, pwm, adc. */
declare const D4: InputPin & AnalogInputPin & AnalogOutputPin;
/** input, output, pwm. */
declare const D5: InputPin & AnalogOutputPin;
/** input, output, pwm. */
declare const D6: InputPin & AnalogOutputPin;
/** input, output, pwm. */
declare const D7: InputPin & AnalogOutputPin;
/** input, output, pwm. LED. Strapping pin: must be high to start the download mode. Carries the LED of the board. */
declare const D8: InputPin & AnalogOutputPin;
/** input, output, pwm. Button. Strapping pin: low at reset starts the download mode. Also the BOOT button. */
declare const D9: InputPin & AnalogOutputPin;
/** input, output, pwm. */
declare const D10: InputPin & AnalogOutputPin;
/** input, output, pwm. Not for you: USB, and with it the console. */
declare const D18: ReservedPin;
/** input, output, pwm. Not for you: USB, and with it the console. */
declare const D19: ReservedPin;
/** input, output, pwm. UART0 RX. */
declare const D20: InputPin & AnalogOutputPin;
/** input, output, pwm. UART0 TX; prints at boot. */
declare const D21: InputPin & AnalogOutputPin;
