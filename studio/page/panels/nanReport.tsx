import type { NotFiniteEvent, TensorReport } from "chainrule/record";
import { count, number, shape } from "../format.ts";
import { Missing, Panel } from "../parts/small.tsx";
import { command, digest, isLive, moveCursor, step } from "../state.ts";

/** The step whose numbers were not finite: which operation made them so, from what. */
export function NanReport() {
  const all = digest.value?.notFinite ?? [];
  const before = all.filter((each) => each.step <= step.value);
  // Of many in a row only the first is replayed: what it found stands for those after it.
  const found = before.findLast(({ value }) => value.cause !== undefined) ?? before.at(-1) ?? all[0];
  return (
    <Panel
      title="NaN report"
      class="nan"
      tools={
        found !== undefined && (
          <button type="button" class="quiet link" onClick={() => moveCursor(found.step)}>
            step {count(found.step)}
          </button>
        )
      }
    >
      {found === undefined ? (
        <Missing
          what="All steps were finite"
          fill="A step whose loss or gradient is NaN or infinite is left out, replayed operation by operation, and explained here."
        />
      ) : (
        <Report event={found.value} />
      )}
    </Panel>
  );
}

function Report({ event: { figure, policy, guarded, cause } }: { readonly event: NotFiniteEvent }) {
  const did = {
    pause: "training paused",
    skip: guarded === false ? "training went on" : "the step was left out",
    stop: "training stopped",
  }[policy];
  if (cause === undefined)
    return (
      <div class="nan-report">
        <p>
          <b>{figure}</b> was not finite; {did}.{" "}
          {isLive.value ? "Its cause was not looked for yet." : "The training ended before its cause was looked for."}
        </p>
        {isLive.value && (
          <button type="button" onClick={() => command({ type: "explain" })}>
            Replay the step
          </button>
        )}
      </div>
    );
  return (
    <div class="nan-report" data-operation={cause.operation}>
      <p>
        <b>{figure}</b> was not finite; {did}. First bad operation, {cause.direction}:
      </p>
      <p class="nan-operation">
        <code>{cause.operation}</code> in <code>{cause.layer || "the model"}</code>
        {cause.source !== undefined && (
          <>
            {" "}
            at <code>{cause.source}</code>
          </>
        )}
      </p>
      <table>
        <thead>
          <tr>
            <th scope="col">tensor</th>
            <th scope="col">shape</th>
            <th scope="col">smallest</th>
            <th scope="col">largest</th>
            <th scope="col">zeros</th>
            <th scope="col">not finite</th>
          </tr>
        </thead>
        <tbody>
          {cause.inputs.map((input) => (
            <TensorLine key={input.name} side="in" tensor={input} />
          ))}
          <TensorLine side="out" tensor={cause.output} />
        </tbody>
      </table>
      {cause.places.length > 0 && (
        <p class="muted">
          Places in the output: {cause.places.slice(0, 8).join(", ")}
          {cause.places.length > 8 && " …"}
        </p>
      )}
      <p class="remedy">{cause.suggestion}</p>
    </div>
  );
}

const TensorLine = ({ side, tensor }: { readonly side: string; readonly tensor: TensorReport }) => (
  <tr>
    <th scope="row">
      <span class="muted">{side}</span> {tensor.name}
    </th>
    <td>{shape(tensor.shape)}</td>
    <td>{number(tensor.min)}</td>
    <td>{number(tensor.max)}</td>
    <td>{count(tensor.zeros)}</td>
    <td class={tensor.nonFinite > 0 ? "bad" : ""}>
      {count(tensor.nonFinite)} of {count(tensor.count)}
    </td>
  </tr>
);
