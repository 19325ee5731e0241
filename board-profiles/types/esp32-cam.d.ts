/** The pins of AI-Thinker ESP32-CAM. Made from board-profiles/esp32-cam.json by: npm run schema */

/** input, output, pwm. Strapping pin: low at reset starts the download mode. The interpreter turns its levels round. Clock of the camera. */
declare const D0: InputPin & AnalogOutputPin;
/** input, output, pwm. Not for you: Console (UART0 TX). */
declare const D1: ReservedPin;
/** input, output, pwm. Strapping pin: must be low or open while downloading. Wired to the SD card slot. */
declare const D2: InputPin & AnalogOutputPin;
/** input, output, pwm. Not for you: Console (UART0 RX). */
declare const D3: ReservedPin;
/** input, output, pwm. Bright flash LED, and wired to the SD card slot. */
declare const D4: InputPin & AnalogOutputPin;
/** input, output, pwm. Not for you: Wired to the camera. Strapping pin: sets the timing of the SDIO slave; pulses at boot. */
declare const D5: ReservedPin;
/** input, output, pwm. Strapping pin: high at reset selects 1.8 V for the flash and the board does not start. Wired to the SD card slot. */
declare const D12: InputPin & AnalogOutputPin;
/** input, output, pwm. Wired to the SD card slot. */
declare const D13: InputPin & AnalogOutputPin;
/** input, output, pwm. Wired to the SD card slot. */
declare const D14: InputPin & AnalogOutputPin;
/** input, output, pwm. Strapping pin: low at reset silences the boot messages; pulses at boot. Wired to the SD card slot. */
declare const D15: InputPin & AnalogOutputPin;
/** input, output, pwm. Not for you: Chip select of the PSRAM. */
declare const D16: ReservedPin;
/** input, output, pwm. Not for you: Wired to the camera. */
declare const D18: ReservedPin;
/** input, output, pwm. Not for you: Wired to the camera. */
declare const D19: ReservedPin;
/** input, output, pwm. Not for you: Wired to the camera. */
declare const D21: ReservedPin;
/** input, output, pwm. Not for you: Wired to the camera. */
declare const D22: ReservedPin;
/** input, output, pwm. Not for you: Wired to the camera. */
declare const D23: ReservedPin;
/** input, output, dac. Not for you: Wired to the camera. analogWrite uses the analog output here, not PWM. */
declare const D25: ReservedPin;
/** input, output, dac. Not for you: Wired to the camera. analogWrite uses the analog output here, not PWM. */
declare const D26: ReservedPin;
/** input, output, pwm. Not for you: Wired to the camera. */
declare const D27: ReservedPin;
/** input, output, pwm, adc. Not for you: Wired to the camera. */
declare const D32: ReservedPin;
/** input, output, pwm, adc. LED. Red LED on the back. */
declare const D33: InputPin & AnalogInputPin & AnalogOutputPin;
/** input, adc. Not for you: Wired to the camera. Input only, without pull-up or pull-down. */
declare const D34: ReservedPin;
/** input, adc. Not for you: Wired to the camera. Input only, without pull-up or pull-down. */
declare const D35: ReservedPin;
/** input, adc. Not for you: Wired to the camera. Input only, without pull-up or pull-down. */
declare const D36: ReservedPin;
/** input, adc. Not for you: Wired to the camera. Input only, without pull-up or pull-down. */
declare const D39: ReservedPin;
