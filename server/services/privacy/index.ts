export { type Mask, maskEvent, maskFilters, maskFor, maskRow, refuseMaskedFilters } from "./mask";
export { changePrivacy, type PrivacySettings, privacySettings } from "./settings";
