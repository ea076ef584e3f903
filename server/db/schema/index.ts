export * from "./accounts";
export * from "./audit";
export * from "./browsing";
export * from "./cleanup";
export * from "./exports";
export * from "./intake";
export * from "./jobs";
export * from "./logs";
