export * from "./accounts";
export * from "./intake";
export * from "./logs";
