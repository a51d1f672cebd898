"""What all that is stored, sent and shown is made of."""

from pydantic import BaseModel, ConfigDict


class Model(BaseModel):
    """Something that is stored, sent or shown. What checks it is built when it is first used: no process uses all."""

    model_config = ConfigDict(defer_build=True)
