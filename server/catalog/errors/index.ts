export { type CodedError, reason as codedError } from "./define";
export { ERROR_KINDS, type ErrorKind } from "./kinds";
export { ERRORS } from "./list";
export { isErrorCode, parseErrorValue, parseStoredError, storedError } from "./parse";
export { type ErrorWords, errorText, type FieldError, isCodedError, type Refusal, refusalText } from "./text";
export { type ErrorCode, type ErrorParams, type ErrorValue, errorValue, type InputCode } from "./value";
