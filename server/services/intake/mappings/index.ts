export { compileEventMapping, compileMapping, isMappingName, readMapped, replaceMapping } from "./mapping";
export { memberPaths } from "./member-paths";
export { parsePath, replaceAt } from "./pairs";
export { PRESETS } from "./presets";
