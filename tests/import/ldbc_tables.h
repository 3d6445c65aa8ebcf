// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace tidemark::csv_import {

// A file of the LDBC social network ("vanilla" layout) and the header that import needs for it: the
// file's own has no types.
struct LdbcTable {
  const char* names;
  const char* file;
  const char* header;
};
inline constexpr LdbcTable kLdbcNodes[] = {
    {"Comment", "dynamic/comment",
     "id:ID(Comment)|creationDate:long|locationIP|browserUsed|content|length:int"},
    {"Forum", "dynamic/forum", "id:ID(Forum)|title|creationDate:long"},
    {"Person", "dynamic/person",
     "id:ID(Person)|firstName|lastName|gender|birthday:long|creationDate:long|locationIP|"
     "browserUsed|language:string[]|email:string[]"},
    {"Post", "dynamic/post",
     "id:ID(Post)|imageFile|creationDate:long|locationIP|browserUsed|language|content|length:int"},
    {"Organisation", "static/organisation", "id:ID(Organisation)|type|name|url"},
    {"Place", "static/place", "id:ID(Place)|name|url|type"},
    {"Tag", "static/tag", "id:ID(Tag)|name|url"},
    {"TagClass", "static/tagclass", "id:ID(TagClass)|name|url"},
};
inline constexpr LdbcTable kLdbcRelationships[] = {
    {"HAS_CREATOR", "dynamic/comment_hasCreator_person", ":START_ID(Comment)|:END_ID(Person)"},
    {"HAS_TAG", "dynamic/comment_hasTag_tag", ":START_ID(Comment)|:END_ID(Tag)"},
    {"IS_LOCATED_IN", "dynamic/comment_isLocatedIn_place", ":START_ID(Comment)|:END_ID(Place)"},
    {"REPLY_OF", "dynamic/comment_replyOf_comment", ":START_ID(Comment)|:END_ID(Comment)"},
    {"REPLY_OF", "dynamic/comment_replyOf_post", ":START_ID(Comment)|:END_ID(Post)"},
    {"CONTAINER_OF", "dynamic/forum_containerOf_post", ":START_ID(Forum)|:END_ID(Post)"},
    {"HAS_MEMBER", "dynamic/forum_hasMember_person",
     ":START_ID(Forum)|:END_ID(Person)|joinDate:long"},
    {"HAS_MODERATOR", "dynamic/forum_hasModerator_person", ":START_ID(Forum)|:END_ID(Person)"},
    {"HAS_TAG", "dynamic/forum_hasTag_tag", ":START_ID(Forum)|:END_ID(Tag)"},
    {"HAS_INTEREST", "dynamic/person_hasInterest_tag", ":START_ID(Person)|:END_ID(Tag)"},
    {"IS_LOCATED_IN", "dynamic/person_isLocatedIn_place", ":START_ID(Person)|:END_ID(Place)"},
    {"KNOWS", "dynamic/person_knows_person", ":START_ID(Person)|:END_ID(Person)|creationDate:long"},
    {"LIKES", "dynamic/person_likes_comment",
     ":START_ID(Person)|:END_ID(Comment)|creationDate:long"},
    {"LIKES", "dynamic/person_likes_post", ":START_ID(Person)|:END_ID(Post)|creationDate:long"},
    {"STUDY_AT", "dynamic/person_studyAt_organisation",
     ":START_ID(Person)|:END_ID(Organisation)|classYear:int"},
    {"WORK_AT", "dynamic/person_workAt_organisation",
     ":START_ID(Person)|:END_ID(Organisation)|workFrom:int"},
    {"HAS_CREATOR", "dynamic/post_hasCreator_person", ":START_ID(Post)|:END_ID(Person)"},
    {"HAS_TAG", "dynamic/post_hasTag_tag", ":START_ID(Post)|:END_ID(Tag)"},
    {"IS_LOCATED_IN", "dynamic/post_isLocatedIn_place", ":START_ID(Post)|:END_ID(Place)"},
    {"IS_LOCATED_IN", "static/organisation_isLocatedIn_place",
     ":START_ID(Organisation)|:END_ID(Place)"},
    {"IS_PART_OF", "static/place_isPartOf_place", ":START_ID(Place)|:END_ID(Place)"},
    {"HAS_TYPE", "static/tag_hasType_tagclass", ":START_ID(Tag)|:END_ID(TagClass)"},
    {"IS_SUBCLASS_OF", "static/tagclass_isSubclassOf_tagclass",
     ":START_ID(TagClass)|:END_ID(TagClass)"},
};

}  // namespace tidemark::csv_import
