export { type Geolocation, makeGeolocation, type PlaceLookup } from "./geolocation";
