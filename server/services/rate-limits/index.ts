export { countRequest, type Limited } from "./count-request";
export { longRead } from "./long-read";
export { type Place, placesTaken, takePlace } from "./places";
