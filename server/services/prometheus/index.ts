export { prometheusText } from "./prometheus-text";
