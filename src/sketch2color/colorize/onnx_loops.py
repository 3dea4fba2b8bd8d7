"""The loops of a layered generator in ONNX; ``onnx_export`` has the same as operations of PyTorch."""
# What onnxscript compiles is ONNX in Python's syntax: names, and no types that Python knows.
# mypy: ignore-errors

from onnxscript import FLOAT, INT64, graph, script
from onnxscript import opset18 as op
from onnxscript.values import Opset

_LOOPS = Opset("sketch2color", 1)


@script(_LOOPS, default_opset=op)
def flood(flood: FLOAT[...], light: FLOAT[...], steps: INT64) -> FLOAT[...]:
    for _ in range(steps):
        spread = op.MaxPool(flood, kernel_shape=[3, 3], pads=[1, 1, 1, 1], strides=[1, 1])
        flood = op.Where(op.Less(spread, light), spread, light)  # WebGPU has no minimum
    return flood


@script(_LOOPS, default_opset=op)
def sums(values: FLOAT[...], links: FLOAT[...], ahead: FLOAT[...]) -> FLOAT[...]:
    @graph()
    def step(first, last, value, link, value_back, link_back):
        forward = value + link * first
        back = value_back + link_back * last
        return forward, back, op.Identity(forward), op.Identity(back)

    zeros = op.ReduceSum(values * 0.0, op.Constant(value_ints=[0]), keepdims=0)
    first, last, forward, back = op.Scan(
        zeros,
        zeros,
        values,
        links,
        values,
        ahead,
        body=step,
        num_scan_inputs=4,
        scan_input_directions=[0, 0, 1, 1],
        scan_output_directions=[0, 1],
    )
    return forward + back
