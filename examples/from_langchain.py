"""The RAG script of the 2023 tutorials (LangChain, Llama 2, Pinecone), its import lines replaced.

Everything below the imports is what such a script has, except that the model is ragkit's extractive
one and the vectors stay on this machine.

    python examples/from_langchain.py [FOLDER QUESTION …]
"""

import sys
import textwrap
from pathlib import Path

from ragkit import load_embedder, load_llm
from ragkit.compat import (
    LLMChain,
    Pinecone,
    PromptTemplate,
    PyPDFDirectoryLoader,
    RecursiveCharacterTextSplitter,
    RetrievalQA,
    pinecone,
)

FOLDER = str(Path(__file__).parent / "data")
QUESTIONS = [
    "Until when is the library open on Saturdays?",
]

arguments = sys.argv[1:]
folder = arguments[0] if arguments else FOLDER
questions = arguments[1:] or QUESTIONS

# The language model and its prompt.
llm = load_llm("extractive")
prompt_template = PromptTemplate(
    template="""<s>[INST] <<SYS>>
You are an assistant for question-answering tasks. Answer from the context, in three sentences at
most. If you don't know the answer, say "I don't know".
<</SYS>>

{context}

{question} [/INST]""",
    input_variables=["context", "question"],
)

# Without context, then with a pasted paragraph.
question = "What does the tea cost?"
llm_chain = LLMChain(llm=llm, prompt=prompt_template)
print(llm_chain.predict(context="", question=question))
pasted = "The kiosk is open all summer. A cup of tea costs two pounds; refills are free."
print(llm_chain.predict(context=pasted, question=question), "\n")

# Load, split, embed, store.
documents = PyPDFDirectoryLoader(folder).load()
docs = RecursiveCharacterTextSplitter(chunk_size=1000, chunk_overlap=5).split_documents(documents)
print(f"{len(documents)} pages, {len(docs)} chunks\n")

embedder = load_embedder("minilm")


def embedding_generator(text: str) -> list[float]:
    return embedder.embed_query(text).tolist()


index_name = "rag-index"
if index_name not in pinecone.list_indexes():
    pinecone.create_index(name=index_name, dimension=384, metric="cosine")
vector_store = Pinecone.from_documents(docs, embedding_generator, index_name=index_name)

# Ask.
chain = RetrievalQA.from_chain_type(
    llm=llm,
    chain_type="stuff",
    retriever=vector_store.as_retriever(search_kwargs={"k": 2}),
    return_source_documents=True,
    chain_type_kwargs={"prompt": prompt_template},
)
for question in questions:
    result = chain(question)
    print(result["query"])
    print(textwrap.fill(result["result"], width=100))
    for document in result["source_documents"]:
        print(f"  {document.metadata['source']}, page {document.metadata['page']}")

# Clean up.
pinecone.delete_index(index_name)
