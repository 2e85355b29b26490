import type { LayerNode } from "chainrule/record";

/** What layers compute, as a textbook has it. `σ` stands for the activation, `u` for the unit. */
const formulas: Readonly<Record<string, string>> = {
  Dense: "y[u] = σ( Σᵢ x[i] · W[i, u] + b[u] )",
  EinsumDense: "y = σ( einsum(x, W) + b )",
  Conv1D: "y[t, u] = σ( Σ Σ x[t + k, d] · W[k, d, u] + b[u] )",
  Conv2D: "y[i, j, u] = σ( Σₖ Σₗ Σ_d x[i + k, j + l, d] · W[k, l, d, u] + b[u] )",
  Conv3D: "y[p, u] = σ( Σ_q Σ_d x[p + q, d] · W[q, d, u] + b[u] )",
  DepthwiseConv2D: "y[i, j, d] = σ( Σₖ Σₗ x[i + k, j + l, d] · W[k, l, d] + b[d] )",
  MaxPooling2D: "y[i, j, d] = max over the window of x[·, ·, d]",
  AveragePooling2D: "y[i, j, d] = mean over the window of x[·, ·, d]",
  GlobalAveragePooling2D: "y[d] = mean over i, j of x[i, j, d]",
  BatchNormalization: "y = γ · (x − μ) / √(σ² + ε) + β, with μ and σ² of the batch",
  LayerNormalization: "y = γ · (x − μ) / √(σ² + ε) + β, with μ and σ² of each example",
  Dropout: "y = x · m / (1 − p), with m = 0 at random with probability p; y = x when not training",
  Flatten: "y = x, as one row",
  Reshape: "y = x, in another shape",
  Embedding: "y[t] = W[token t]",
  Add: "y = x₁ + x₂ + …",
  Multiply: "y = x₁ · x₂ · …",
  Concatenate: "y = x₁, x₂, … one behind the other",
  ReLU: "y = max(0, x)",
  Softmax: "y[i] = exp(x[i]) / Σⱼ exp(x[j])",
  MultiHeadAttention: "y = Σ over heads of softmax( Q·Kᵀ / √d ) · V · Wₒ",
  LSTM: "c = f · c + i · tanh(W x + U h + b); h = o · tanh(c)",
  GRU: "h = z · h + (1 − z) · tanh(W x + r · U h + b)",
  SimpleRNN: "h = tanh(W x + U h + b)",
  InputLayer: "the input",
};

/** The layer's formula. */
export function Formula({ layer }: { readonly layer: LayerNode }) {
  const text =
    formulas[layer.type]?.replace("σ(", `${layer.activation ?? "σ"}(`) ?? `${layer.type}: see its documentation`;
  return (
    <p class="formula">
      <code>{layer.activation === undefined ? text.replace(/^(.*= )σ\( (.*) \)$/, "$1$2") : text}</code>
    </p>
  );
}
