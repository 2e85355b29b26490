import { setDevice, layers, sequential, ndarray, setRandomSeed } from "chainrule";
import { setThreads } from "chainrule/tensor"; import { uniformSource } from "chainrule/data";
import { studioRecording } from "./dist/index.js";
const [device, way, epochs] = process.argv.slice(2);
setThreads(1); await setDevice(device); setRandomSeed(1);
const u=uniformSource(1), n=6400;
const x=ndarray(Float32Array.from({length:n*784},()=>u()),[n,784]), y=ndarray(Int32Array.from({length:n},()=>Math.floor(10*u())));
const model=sequential([layers.input([784]),layers.dense(128,{activation:"relu"}),layers.dense(10,{activation:"softmax"})]);
model.compile({optimizer:"adam",loss:"sparseCategoricalCrossentropy",metrics:["accuracy"]});
const rec = way==="plain"?{}:{recording: await studioRecording({folder:"/tmp/rec/runs",serve:false,...(way==="figures"?{statistics:0}:way==="noguard"?{statistics:0,guard:false}:{})})};
await model.fit({x,y},{epochs:Number(epochs),batchSize:64,verbose:"silent",seed:1,...rec});

if (process.argv[5]) { const { startProfile } = await import("chainrule/observe"); const pr=startProfile();
 const rec2 = way==="plain"?{}:{recording: await studioRecording({folder:"/tmp/rec/runs",serve:false,...(way==="figures"?{statistics:0}:way==="noguard"?{statistics:0,guard:false}:{})})};
 await model.fit({x,y},{epochs:2,batchSize:64,verbose:"silent",seed:1,...rec2});
 const p=pr.stop(); let tot=0; for(const k of p.kernels){ tot+=k.ms; } console.log(way, "kernels ms/step", tot/200); for (const k of p.kernels.filter(k=>k.program?.includes("train")??true)) console.log((k.ms*1000/200).toFixed(1)+"µs", k.kernel, k.launches??k.count, Object.keys(k).join()); }
process.exit();
