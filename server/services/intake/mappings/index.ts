export { compileEventMapping, compileMapping, isMappingName, readMapped } from "./mapping";
export { PRESETS } from "./presets";
