// The kit every figure shares, in three files.
export * from "./figure.js";
export * from "./draw.js";
export * from "./time.js";
