export * from "./accounts";
export * from "./cleanup";
export * from "./intake";
export * from "./jobs";
export * from "./logs";
