import { execFile } from "node:child_process";
import { DeviceError } from "chainrule/base";

/** A C compiler and what it says about itself and this machine. */
export interface Toolchain {
  readonly command: string;
  /** For people: "gcc 12.2". */
  readonly name: string;
  readonly flags: readonly string[];
  /** Macros that the compiler predefines for this machine: its version, and the instructions it may use. */
  readonly macros: ReadonlyMap<string, string>;
  /** Everything above that decides what a source becomes. */
  readonly identity: string;
}

const probeTimeoutMs = 20_000;
const largestOutput = 16 * 1024 * 1024;

/** Runs a program without a shell, and gives what it printed. */
export function execute(
  command: string,
  parts: readonly string[],
  input = "",
  timeout = probeTimeoutMs,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(command, parts, { timeout, maxBuffer: largestOutput }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(Object.assign(error, { stderr }));
    });
    child.stdin?.on("error", () => {}); // a program that does not read its input is no error
    child.stdin?.end(input);
  });
}

/**
 * NaN and infinity keep their meaning: of the "fast" flags only those that leave values alone. Products and sums fuse only where the
 * text says so: a compiler may fuse either product of a·b − c·d, and which one depended on what else stood in the kernel.
 * `-fopenmp-simd` makes `#pragma omp simd` work without the OpenMP library.
 */
const commonFlags = [
  "-std=gnu11",
  "-O3",
  "-fPIC",
  "-pthread",
  "-fno-math-errno",
  "-fno-trapping-math",
  "-ffp-contract=off",
  "-fno-strict-aliasing",
  "-fopenmp-simd",
  "-w",
] as const;

/**
 * Partial redundancy elimination leaves conditional code in loops that would otherwise run in lanes. And loops that copy a few vectors are
 * not to become calls of memmove: packing took half as long again.
 */
const gccFlags = ["-fno-tree-pre", "-fno-tree-loop-distribute-patterns"] as const;

/** What lets the compiler use all instructions of this machine, or of CHAINRULE_MARCH; the first that it accepts is used. */
function machineFlags(): readonly (readonly string[])[] {
  const chosen = process.env.CHAINRULE_MARCH;
  if (chosen) return [[`-march=${chosen}`]];
  return process.arch === "arm64" ? [["-mcpu=native"], ["-march=native"], []] : [["-march=native"], []];
}

const candidates = (): readonly string[] => {
  const chosen = process.env.CHAINRULE_CC || process.env.CC;
  return chosen ? [chosen] : ["cc", "gcc", "clang"];
};

let found: { readonly key: string; readonly toolchain: Promise<Toolchain> } | undefined;

/**
 * The machine's C compiler: CHAINRULE_CC, else CC, else cc, gcc or clang. It writes code for this very machine, or for the one that
 * CHAINRULE_MARCH names ("x86-64-v3" for AVX2). Throws a DeviceError when none works.
 */
export function findToolchain(): Promise<Toolchain> {
  const key = [...candidates(), process.env.PATH, process.env.CHAINRULE_MARCH].join("\n");
  if (found?.key === key) return found.toolchain;
  const toolchain = search();
  found = { key, toolchain };
  toolchain.catch(() => {
    found = undefined;
  });
  return toolchain;
}

async function search(): Promise<Toolchain> {
  if (process.platform === "win32") throw new DeviceError("the native device needs Linux or macOS");
  const tried: string[] = [];
  for (const command of candidates()) {
    for (const machine of machineFlags()) {
      try {
        return await probe(command, machine);
      } catch (error) {
        tried.push(`${[command, ...machine].join(" ")}: ${reasonOf(error)}`);
      }
    }
  }
  throw new DeviceError({
    what: `no C compiler found (${candidates().join(", ")})`,
    details: tried.map((value) => ({ role: "tried", value })),
    hint: "install gcc or clang, or set CHAINRULE_CC to a C compiler",
  });
}

function reasonOf(error: unknown): string {
  // What execFile rejects with: a system error, or an exit with what was printed.
  const { code, stderr } = error as { readonly code?: unknown; readonly stderr?: string };
  if (code === "ENOENT") return "not found";
  return stderr?.trim().split("\n")[0] || String(error);
}

async function probe(command: string, machine: readonly string[]): Promise<Toolchain> {
  const text = await execute(command, [...machine, "-dM", "-E", "-x", "c", "-"]);
  const macros = new Map([...text.matchAll(/^#define (\w+) (.*)$/gm)].map(([, name, value]) => [name!, value!]));
  if (!macros.has("__GNUC__")) throw new DeviceError("the compiler understands neither GCC's nor clang's C");
  const wide = macros.has("__AVX512F__") ? ["-mprefer-vector-width=512"] : [];
  const flags = [...commonFlags, ...(macros.has("__clang__") ? [] : gccFlags), ...machine, ...wide];
  return { command, name: compilerName(macros), flags, macros, identity: [command, ...flags, text].join("\n") };
}

function compilerName(macros: ReadonlyMap<string, string>): string {
  const clang = macros.has("__clang__");
  const [major, minor] = clang ? ["__clang_major__", "__clang_minor__"] : ["__GNUC__", "__GNUC_MINOR__"];
  return `${clang ? "clang" : "gcc"} ${macros.get(major)}.${macros.get(minor)}`;
}
