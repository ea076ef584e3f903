export { type Mask, maskEvent, maskFilters, maskFor, maskRow, maskText, refuseMaskedFilters } from "./mask";
export { changePrivacy, privacySettings } from "./settings";
