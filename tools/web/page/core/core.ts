/** The one DeviceController of @espruino-tools/core that makes connections: core has a single one in a page. */
import { DeviceController } from "@espruino-tools/core/lib/device-controller.js";

export const core = new DeviceController();
