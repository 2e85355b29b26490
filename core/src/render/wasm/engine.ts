/** The parts of the WebAssembly JavaScript interface that we use: TypeScript declares them only for pages. */
export interface WasmMemory {
  readonly buffer: ArrayBuffer | SharedArrayBuffer;
  grow(pages: number): number;
}

/** A compiled module; threads share its code. */
export interface WasmModule {
  readonly _wasmModule?: never;
}

export interface WasmInstance {
  readonly exports: Readonly<Record<string, (...args: number[]) => number>>;
}

interface WasmEngine {
  validate(bytes: Uint8Array<ArrayBuffer>): boolean;
  compile(bytes: Uint8Array<ArrayBuffer>): Promise<WasmModule>;
  readonly Memory: new (limits: { initial: number; maximum: number; shared: boolean }) => WasmMemory;
  readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => WasmModule;
  readonly Instance: new (
    module: WasmModule,
    imports: { readonly host: { readonly memory: WasmMemory; readonly now?: () => number } },
  ) => WasmInstance;
}

// Every engine that runs us has the global of the WebAssembly specification; `undefined` where it is switched off.
export const engine = (globalThis as unknown as { readonly WebAssembly?: WasmEngine }).WebAssembly;

/** The engine, for code that runs only where there is one. */
export function requireEngine(): WasmEngine {
  if (engine === undefined) throw new Error("this JavaScript engine has no WebAssembly");
  return engine;
}
