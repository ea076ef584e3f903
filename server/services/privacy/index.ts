export { type Mask, maskError, maskEvent, maskFilters, maskFor, maskRow, maskText, refuseMaskedFilters } from "./mask";
export { maskBytes, maskResult } from "./mask-result";
export { changePrivacy, privacySettings } from "./settings";
