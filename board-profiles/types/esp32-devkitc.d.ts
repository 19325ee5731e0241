/** The pins of Espressif ESP32-DevKitC and boards like it (ESP32-WROOM-32). Made from board-profiles/esp32-devkitc.json by: npm run schema */

/** input, output, pwm. Button. Strapping pin: low at reset starts the download mode. The interpreter turns its levels round. Also the BOOT button. */
declare const D0: InputPin & AnalogOutputPin;
/** input, output, pwm. Not for you: Console (UART0 TX). */
declare const D1: ReservedPin;
/** input, output, pwm. LED. Strapping pin: must be low or open while downloading. */
declare const D2: InputPin & AnalogOutputPin;
/** input, output, pwm. Not for you: Console (UART0 RX). */
declare const D3: ReservedPin;
/** input, output, pwm. */
declare const D4: InputPin & AnalogOutputPin;
/** input, output, pwm. Strapping pin: sets the timing of the SDIO slave; pulses at boot. */
declare const D5: InputPin & AnalogOutputPin;
/** input, output, pwm. Not for you: Wired to the flash chip of the module. */
declare const D6: ReservedPin;
/** input, output, pwm. Not for you: Wired to the flash chip of the module. */
declare const D7: ReservedPin;
/** input, output, pwm. Not for you: Wired to the flash chip of the module. */
declare const D8: ReservedPin;
/** input, output, pwm. Not for you: Wired to the flash chip of the module. */
declare const D9: ReservedPin;
/** input, output, pwm. Not for you: Wired to the flash chip of the module. */
declare const D10: ReservedPin;
/** input, output, pwm. Not for you: Wired to the flash chip of the module. */
declare const D11: ReservedPin;
/** input, output, pwm. Strapping pin: high at reset selects 1.8 V for the flash and the board does not start. */
declare const D12: InputPin & AnalogOutputPin;
/** input, output, pwm. */
declare const D13: InputPin & AnalogOutputPin;
/** input, output, pwm. */
declare const D14: InputPin & AnalogOutputPin;
/** input, output, pwm. Strapping pin: low at reset silences the boot messages; pulses at boot. */
declare const D15: InputPin & AnalogOutputPin;
/** input, output, pwm. Wired to PSRAM on WROVER modules. */
declare const D16: InputPin & AnalogOutputPin;
/** input, output, pwm. Wired to PSRAM on WROVER modules. */
declare const D17: InputPin & AnalogOutputPin;
/** input, output, pwm. */
declare const D18: InputPin & AnalogOutputPin;
/** input, output, pwm. */
declare const D19: InputPin & AnalogOutputPin;
/** input, output, pwm. */
declare const D21: InputPin & AnalogOutputPin;
/** input, output, pwm. */
declare const D22: InputPin & AnalogOutputPin;
/** input, output, pwm. */
declare const D23: InputPin & AnalogOutputPin;
/** input, output, dac. analogWrite uses the analog output here, not PWM. */
declare const D25: InputPin & AnalogOutputPin;
/** input, output, dac. analogWrite uses the analog output here, not PWM. */
declare const D26: InputPin & AnalogOutputPin;
/** input, output, pwm. */
declare const D27: InputPin & AnalogOutputPin;
/** input, output, pwm, adc. */
declare const D32: InputPin & AnalogInputPin & AnalogOutputPin;
/** input, output, pwm, adc. */
declare const D33: InputPin & AnalogInputPin & AnalogOutputPin;
/** input, adc. Input only, without pull-up or pull-down. */
declare const D34: InputPin & AnalogInputPin;
/** input, adc. Input only, without pull-up or pull-down. */
declare const D35: InputPin & AnalogInputPin;
/** input, adc. Input only, without pull-up or pull-down. */
declare const D36: InputPin & AnalogInputPin;
/** input, adc. Input only, without pull-up or pull-down. */
declare const D39: InputPin & AnalogInputPin;
