// `node names.js chainrule chainrule/base …` prints, as JSON, the names that each entry exports, and how its classes call themselves.
const found: Record<string, readonly string[]> = {};
for (const entry of process.argv.slice(2)) {
  const exported = (await import(entry)) as Readonly<Record<string, unknown>>; // whatever it exports
  found[entry] = Object.entries(exported).map(([name, value]) =>
    typeof value === "function" && /^class\b/.test(String(value)) ? `${name}: ${value.name}` : name,
  );
}
console.log(JSON.stringify(found));
