"""Networks of PyTorch for make_onnx_models.py, and how they become ONNX."""
import io

import onnx
import torch


class Digits(torch.nn.Module):
    """A small CNN with the layers that people use."""

    def __init__(self):
        super().__init__()
        self.features = torch.nn.Sequential(
            torch.nn.Conv2d(1, 12, 3, padding=1, bias=False), torch.nn.BatchNorm2d(12), torch.nn.ReLU(),
            torch.nn.Conv2d(12, 24, 3, stride=2, padding=1), torch.nn.ReLU6(), torch.nn.MaxPool2d(2))
        self.classifier = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Dropout(0.1), torch.nn.Linear(96, 32), torch.nn.Hardtanh(), torch.nn.Linear(32, 10))

    def forward(self, x):
        return self.classifier(self.features(x))


class Viewed(torch.nn.Module):
    """Flattens as many people do, with the size of the batch from the tensor."""

    def __init__(self):
        super().__init__()
        self.conv = torch.nn.Conv2d(2, 3, 3)
        self.fc = torch.nn.Linear(60, 4)

    def forward(self, x):
        y = torch.nn.functional.leaky_relu(self.conv(x))
        return self.fc(y.view(x.size(0), -1))


def torch_model(net, x, opset, dynamo, fixed=False):
    """The network as PyTorch exports it; with a fixed batch it keeps the exporter's own names."""
    if dynamo:
        program = torch.onnx.export(net, (x,), dynamo=True, opset_version=opset, verbose=False, dynamic_shapes=({0: torch.export.Dim("batch")},))
        return program.model_proto
    out = io.BytesIO()
    named = {} if fixed else dict(input_names=["image"], output_names=["logits"], dynamic_axes={"image": {0: "batch"}})
    torch.onnx.export(net, (x,), out, dynamo=False, opset_version=opset, **named)
    return onnx.load_from_string(out.getvalue())
