/** The pins of Espressif ESP32-S3-DevKitC-1. Made from board-profiles/esp32-s3-devkitc.json by: npm run schema */

/** input, output, pwm. Button. Strapping pin: low at reset starts the download mode. Also the BOOT button. */
declare const D0: InputPin & AnalogOutputPin;
/** input, output, pwm. */
declare const D1: InputPin & AnalogOutputPin;
/** input, output, pwm. */
declare const D2: InputPin & AnalogOutputPin;
/** input, output, pwm. Strapping pin: selects where the JTAG signals come from. */
declare const D3: InputPin & AnalogOutputPin;
/** input, output, pwm. A place for the lamp. */
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
/** input, output, pwm. Not for you: USB, and with it the console. */
declare const D19: ReservedPin;
/** input, output, pwm. Not for you: USB, and with it the console. */
declare const D20: ReservedPin;
/** input, output, pwm. */
declare const D21: InputPin & AnalogOutputPin;
/** input, output, pwm. Wired to flash or PSRAM on modules with octal memory (R8, R16): not for you there. */
declare const D35: InputPin & AnalogOutputPin;
/** input, output, pwm. Wired to flash or PSRAM on modules with octal memory (R8, R16): not for you there. */
declare const D36: InputPin & AnalogOutputPin;
/** input, output, pwm. Wired to flash or PSRAM on modules with octal memory (R8, R16): not for you there. */
declare const D37: InputPin & AnalogOutputPin;
/** input, output, pwm. WS2812. Data line of the WS2812 on boards since v1.1. */
declare const D38: InputPin & AnalogOutputPin;
/** input, output, pwm. */
declare const D39: InputPin & AnalogOutputPin;
/** input, output, pwm. */
declare const D40: InputPin & AnalogOutputPin;
/** input, output, pwm. */
declare const D41: InputPin & AnalogOutputPin;
/** input, output, pwm. */
declare const D42: InputPin & AnalogOutputPin;
/** input, output, pwm. UART0 TX; prints at boot. */
declare const D43: InputPin & AnalogOutputPin;
/** input, output, pwm. UART0 RX. */
declare const D44: InputPin & AnalogOutputPin;
/** input, output, pwm. Strapping pin: high at reset selects 1.8 V for the flash. */
declare const D45: InputPin & AnalogOutputPin;
/** input, output, pwm. Strapping pin: must be low or open to start the download mode. */
declare const D46: InputPin & AnalogOutputPin;
/** input, output, pwm. */
declare const D47: InputPin & AnalogOutputPin;
/** input, output, pwm. Data line of the WS2812 on the first boards (v1.0). */
declare const D48: InputPin & AnalogOutputPin;
