export { countRequest, type Limited } from "./count-request";
export { longRead } from "./long-read";
export { acquireSlot, type SlotLimit, slotsInUse } from "./slots";
