"""A Llama so small that it loads in a second: a trained one if it is at hand, or a random one."""

import os
import string
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
SHARED = Path(os.environ.get("RAGKIT_DATA", PROJECT.parent / "shared" / "data"))
TEXTS = [PROJECT / "examples" / "data" / name for name in ("rules.md", "minutes.txt")]


def tiny_model(scratch: Path) -> tuple[Path, str]:
    """A model's folder, and what it writes.

    The model is one of 260,000 parameters that writes stories, if the tests' data is here, or else
    one with random weights, made in `scratch`.
    """
    trained = SHARED / "models" / "tinystories-260k"
    if trained.is_dir():
        return trained, "stories"
    return random_model(scratch / "random-llama"), "nonsense, since it has random weights"


def random_model(folder: Path) -> Path:
    """A folder with a Llama that has learned nothing, and a tokenizer of the sample texts."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast
    from transformers.utils import logging

    logging.disable_progress_bar()
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=trained_tokenizer(), bos_token="<s>", eos_token="</s>", unk_token="<unk>"
    )
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=64,
        intermediate_size=172,
        num_hidden_layers=2,
        num_attention_heads=4,
        max_position_embeddings=1024,
    )
    torch.manual_seed(0)  # the same words each time
    LlamaForCausalLM(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def trained_tokenizer():
    """Pairs of letters that are frequent in the sample texts, as Llama's own tokenizer has them."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers

    tokenizer = Tokenizer(models.BPE(unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    trainer = trainers.BpeTrainer(
        vocab_size=512,
        special_tokens=["<unk>", "<s>", "</s>"],
        initial_alphabet=list(string.printable.strip()),
        show_progress=False,
    )
    tokenizer.train(list(map(str, TEXTS)), trainer)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A", special_tokens=[("<s>", tokenizer.token_to_id("<s>"))]
    )
    return tokenizer
