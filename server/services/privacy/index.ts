export { type Mask, maskEvent, maskFilters, maskFor, maskRow, refuseMaskedFilters } from "./mask";
export { changePrivacy, privacySettings } from "./settings";
