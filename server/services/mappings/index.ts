export { getMapping, listMappings, removeMapping, resolveMapping, saveMapping } from "./store";
