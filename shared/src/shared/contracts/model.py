"""What all that is stored and sent is made of."""

from pydantic import BaseModel, ConfigDict


class Model(BaseModel):
    """Something that is stored or sent. What checks it is built when it is first used: no process uses all of them."""

    model_config = ConfigDict(defer_build=True)
