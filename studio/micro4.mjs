import { setDevice } from "chainrule"; import * as t from "chainrule/tensor"; import { startProfile } from "chainrule/observe";
t.setThreads(1); await setDevice(process.argv[2]);
const n=100352; const x=t.tensor(Float32Array.from({length:n},()=>(Math.random()-0.5)*0.1));
const fs = { plain: t.jit((x)=>{const a=x.abs(); return a.mul(a).sum();},{name:"plain"}) };
fs.noabs=t.jit((x)=>x.mul(x).sum()); fs.noabs64=t.jit((x)=>{const a=x.reshape([-1,64]);return a.mul(a).sum(0).sum();}); fs.where=t.jit((x)=>{const a=t.where(x.less(0),x.neg(),x);return a.mul(a).sum();});  for (const w of [64]) fs["columns"+w] = t.jit((x)=>{const a=x.reshape([-1,w]).abs(); return a.mul(a).sum(0).sum();},{name:"c"+w});
for (const k in fs) (await fs[k](x).data());
const best={};
for (let r=0;r<30;r++) for (const k in fs){ const pr=startProfile(); for(let i=0;i<20;i++){ const y=fs[k](x); await y.data(); y.dispose(); } const p=pr.stop(); const ms=p.kernels.reduce((a,b)=>a+b.ms,0)/20; best[k]=Math.min(best[k]??1e9,ms*1000); best[k+"_k"]=p.kernels.map(k=>k.kernel+" "+(k.ms/20*1000).toFixed(1)).join("; "); }
console.log(best); process.exit();
