/** The pins of NodeMCU DevKit 1.0 (ESP8266, ESP-12E). Made from board-profiles/nodemcu.json by: npm run schema */

/** input, output, pwm. Printed D3 on the board. Button. Strapping pin: low at reset starts the download mode. Also the FLASH button. */
declare const D0: InputPin & AnalogOutputPin;
/** input, output, pwm. Printed TX on the board. Not for you: Console (UART0 TX). */
declare const D1: ReservedPin;
/** input, output, pwm. Printed D4 on the board. LED. Strapping pin: must be high at reset; prints in the download mode. */
declare const D2: InputPin & AnalogOutputPin;
/** input, output, pwm. Printed RX on the board. Not for you: Console (UART0 RX). */
declare const D3: ReservedPin;
/** input, output, pwm. Printed D2 on the board. */
declare const D4: InputPin & AnalogOutputPin;
/** input, output, pwm. Printed D1 on the board. */
declare const D5: InputPin & AnalogOutputPin;
/** input, output, pwm. Printed D6 on the board. */
declare const D12: InputPin & AnalogOutputPin;
/** input, output, pwm. Printed D7 on the board. */
declare const D13: InputPin & AnalogOutputPin;
/** input, output, pwm. Printed D5 on the board. */
declare const D14: InputPin & AnalogOutputPin;
/** input, output, pwm. Printed D8 on the board. Strapping pin: must be low at reset. */
declare const D15: InputPin & AnalogOutputPin;
/** input, output, pwm. Printed D0 on the board. Second LED, active low, on most boards. No pull-up, and setWatch does not see it; high at boot. */
declare const D16: InputPin & AnalogOutputPin;
/** adc. Printed A0 on the board. Analog input only; 0 to 1 V at the chip. */
declare const A0: AnalogInputPin;
